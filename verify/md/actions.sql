-- Verify mqk:md/actions on pg

begin;

set local role mqk_owner;

select action_id, symbol, action_kind, ex_on, effective_at, ratio_num, ratio_den, amount_micros,
       record_on, pay_on, pay_at, cancels_id, announced_at, source, source_sha256, line_no,
       loaded_by, loaded_at
  from md.corporate_actions
 where false;

select symbol, session_on, reason, cleared_by, cleared_at
  from md.cleared_jumps
 where false;

rollback;
