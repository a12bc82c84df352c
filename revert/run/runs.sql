-- Revert mqk:run/runs from pg

begin;

set local role mqk_owner;

alter table run.runs drop constraint runs_status_is_the_last_of_their_history;
alter table run.run_history drop constraint run_history_arms_with_a_proof;
drop table run.armings;
drop table run.artifacts;
drop table run.approvals;
drop table run.universe;
drop table run.run_history;
drop table run.runs;
drop table run.live_accounts;
drop table run.run_moves;
drop table run.configs;
drop table run.engines;

commit;
