-- Revert mqk:run/gates from pg

begin;

set local role mqk_owner;

drop table run.workers;
drop table run.heartbeats;
drop table run.gates;
drop table run.gate_history;

commit;
