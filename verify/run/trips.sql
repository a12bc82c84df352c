-- Verify mqk:run/trips on pg

begin;

set local role mqk_owner;

select trip_kind, is_critical, meaning
  from run.trip_kinds
 where false;

select run_id, trip_seq, trip_kind, halted_seq, halted_status, reason, evidence, actor, tripped_at
  from run.trips
 where false;

rollback;
