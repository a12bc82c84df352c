-- Verify mqk:oms/budgets on pg

begin;

set local role mqk_owner;

select account_id, window_started_at, used, remaining, held_until_at
  from oms.budgets
 where false;

rollback;
