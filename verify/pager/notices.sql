-- Verify mqk:pager/notices on pg

begin;

set local role mqk_owner;

select event_name, matching, channel, severity, quiet_ms
  from pager.rules
 where false;
select chain_id, read_seq
  from pager.cursors
 where false;
select engine_id, channel, delivery_no, prior_no, worker_name, actor, delivery_status, failures,
       detail, begun_at, expires_at, ended_at, next_at
  from pager.deliveries
 where false;
select engine_id, notice_id, chain_id, event_seq, event_name, channel, severity, urgency,
       notice_text, happened_at, attempts, delivery_no, delivered_at, given_up_at
  from pager.notices
 where false;

rollback;
