-- Revert mqk:lab/studies from pg

begin;

set local role mqk_owner;

drop type lab.stretch;
drop table lab.promotions;
drop table lab.rehearsals;
drop table lab.parities;
drop table lab.outcomes;
drop table lab.results;
drop table lab.steps;
drop table lab.studies;
drop table lab.derivations;

commit;
