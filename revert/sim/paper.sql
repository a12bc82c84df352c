-- Revert mqk:sim/paper from pg

begin;

set local role mqk_owner;

drop table sim.actions;
drop table sim.events;
drop table sim.orders;
drop table sim.positions;
drop table sim.quotes;
drop table sim.accounts;

commit;
