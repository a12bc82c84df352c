-- Verify mqk:audit/anchors on pg

begin;

set local role mqk_owner;

select engine_id, anchor_no, prior_no, prev_hash, chain_id, event_seq, event_hash, anchored_at, reason,
       key_id, anchor_hash, signature, file_name, actor
  from audit.anchors
 where false;

rollback;
