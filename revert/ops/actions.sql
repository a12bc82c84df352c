-- Revert mqk:ops/actions from pg

begin;

set local role mqk_owner;

drop table ops.operator_actions;

commit;
