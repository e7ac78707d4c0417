//! Reads the identity map: which ids are the same person's. An id is resolved the same way whatever the order of rows: one that
//! the map gives to several persons is nobody's, and stays itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::key::{Identity, identities};
use super::scope::{Requests, cells};
use super::{EngineError, Scan};
use crate::domain::definition::Table;
use crate::source::ColumnKind;

/// The persons of ids.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// By the key of an id; `None` while rows give it to several.
    persons: HashMap<u128, Option<u128>>,
    /// Rows read.
    pub(super) rows: u64,
    /// Rows without an id or a person.
    pub(super) unusable: u64,
    /// Ids of several persons.
    pub(super) shared: u64,
}

impl Identities {
    /// Reads the table.
    pub(super) fn read(table: &Table, scan: &Scan<'_>) -> Result<Self, EngineError> {
        let source = scan.open(table)?;
        let mut requests = Requests::default();
        let id = requests.add("unit_id", ColumnKind::Identifier, true);
        let person = requests.add("person_id", ColumnKind::Identifier, true);
        source.expect(requests.as_slice())?;
        let mut map = Self::default();
        let (mut ids, mut persons) = (Vec::new(), Vec::new());
        scan.each_batch(&source, requests.as_slice(), &mut |batch| {
            for (request, keys) in [(id, &mut ids), (person, &mut persons)] {
                keys.clear();
                let key = |identity, _| {
                    keys.push(match identity {
                        Identity::Key(key) => Some(key),
                        Identity::Null | Identity::Placeholder => None,
                    });
                };
                match cells(batch, request) {
                    Some(found) => identities(found, key),
                    None => keys.resize(batch.rows, None),
                }
            }
            map.rows += (batch.rows + batch.lost.len()) as u64;
            map.unusable += batch.lost.len() as u64;
            for pair in ids.iter().zip(&persons) {
                map.enter(pair);
            }
            Ok(())
        })?;
        map.shared = map.persons.values().filter(|it| it.is_none()).count() as u64;
        Ok(map)
    }

    fn enter(&mut self, pair: (&Option<u128>, &Option<u128>)) {
        let (Some(id), Some(person)) = pair else {
            self.unusable += 1;
            return;
        };
        match self.persons.entry(*id) {
            Entry::Vacant(entry) => {
                entry.insert(Some(*person));
            }
            Entry::Occupied(mut entry) if *entry.get() != Some(*person) => {
                entry.insert(None);
            }
            Entry::Occupied(_) => {}
        }
    }

    /// The person of an id, where there is just one.
    #[inline]
    pub(super) fn person(&self, id: u128) -> Option<u128> {
        self.persons.get(&id).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_several_persons_is_nobodys_in_any_order() {
        let rows = [(1, 10), (2, 10), (1, 11), (1, 10), (2, 10)];
        let mut backwards = rows;
        backwards.reverse();
        for rows in [rows, backwards] {
            let mut map = Identities::default();
            for (id, person) in rows {
                map.enter((&Some(id), &Some(person)));
            }
            map.enter((&None, &Some(10)));
            assert_eq!(map.person(1), None);
            assert_eq!(map.person(2), Some(10));
            assert_eq!(map.person(3), None);
            assert_eq!(map.unusable, 1);
        }
    }
}
