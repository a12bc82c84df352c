-- Verify mqk:replay/places on pg

begin;

set local role mqk_owner;

select table_name, place, key_columns, left_out, meaning
  from replay.places
 where false;

rollback;
