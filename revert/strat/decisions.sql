-- Revert mqk:strat/decisions from pg

begin;

set local role mqk_owner;

drop type strat.wish;
drop table strat.targets;
drop table strat.decisions;
drop table strat.assignments;
drop table strat.strategies;

commit;
