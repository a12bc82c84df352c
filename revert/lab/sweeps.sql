-- Revert mqk:lab/sweeps from pg

begin;

set local role mqk_owner;

drop table lab.sweep_jobs;
drop table lab.sweeps;

commit;
