-- Revert mqk:replay/places from pg

begin;

set local role mqk_owner;

drop table replay.places;

commit;
