-- Revert mqk:risk/limits from pg

begin;

set local role mqk_owner;

drop table risk.decisions;
drop table risk.rejects;
drop table risk.states;
drop table risk.limits;

commit;
