-- Revert mqk:run/leases from pg

begin;

set local role mqk_owner;

drop table run.leases;
drop table run.lease_history;

commit;
