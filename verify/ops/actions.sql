-- Verify mqk:ops/actions on pg

begin;

set local role mqk_owner;

select action_id, action, engine_id, run_id, actor, outcome, error_code, detail, arguments,
       acted_at
  from ops.operator_actions
 where false;

rollback;
