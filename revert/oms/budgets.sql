-- Revert mqk:oms/budgets from pg

begin;

set local role mqk_owner;

drop table oms.budgets;

commit;
