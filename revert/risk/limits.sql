-- Revert mqk:risk/limits from pg

begin;

set local role mqk_owner;

drop table risk.flattens;
drop table risk.day_trader_flags;
drop table risk.restrictions;
drop type risk.order_terms;
drop type risk.order_facts;
drop table risk.decisions;
drop table risk.rejects;
drop table risk.states;
drop table risk.limits;

commit;
