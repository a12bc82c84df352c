-- Verify mqk:audit/events on pg

begin;

set local role mqk_owner;

select chain_id, chain_kind, engine_id, run_id, root_chain_id, root_seq, root_hash, last_seq,
       last_hash, last_at
  from audit.chains
 where false;

select chain_id, event_seq, prev_seq, root_of, prev_hash, occurred_at, reported_at, actor,
       topic, event_name, payload, event_hash
  from audit.events
 where false;

rollback;
