-- Revert mqk:run/trips from pg

begin;

set local role mqk_owner;

drop table run.trips;
drop table run.trip_kinds;

commit;
