create or replace function audit.find_unanchored(
    p_engine_id text,
    p_closed_at timestamptz,
    p_now_at    timestamptz
)
returns table (
    chain_id   uuid,
    event_seq  bigint,
    event_hash text,
    since_at   timestamptz,
    reason     text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.chain_id, c.last_seq, c.last_hash, f.occurred_at, coalesce(u.reason, case
               when f.occurred_at < p_closed_at then 'CLOSE'
               when p_now_at - f.occurred_at >= interval '1 minute'
                    or f.occurred_at - p_now_at > interval '1 minute' then 'MINUTE' end)
      from audit.chains as c
      left join lateral (
        select a.event_seq as anchored_seq
          from audit.anchors as a
         where a.engine_id = p_engine_id and a.chain_id = c.chain_id
         order by a.event_seq desc
         limit 1) as a on true
      join audit.events as f
        on f.chain_id = c.chain_id and f.event_seq = coalesce(a.anchored_seq, 0) + 1
      left join lateral (
        select k.reason
          from audit.events as e
          join (values ('RUN_ARMED', 'ARMED'), ('RUN_HALTED', 'HALTED'), ('RUN_STOPPED', 'STOPPED'),
                       ('ANCHOR_ASKED', 'ASKED')) as k (event_name, reason) using (event_name)
         where e.chain_id = c.chain_id and e.event_seq > coalesce(a.anchored_seq, 0)
         order by e.event_seq desc
         limit 1) as u on true
     where c.engine_id in (p_engine_id, 'DESK')
     order by u.reason is null, f.occurred_at, c.chain_id;
$function$;

comment on function audit.find_unanchored(text, timestamptz, timestamptz) is
$$The chains of an engine, and the chain DESK, that have events after their last anchor: the head, the time
of the first such event, and why the head is to be anchored now; null: not yet. The urgent first.
Why: a run that is armed, stopped or halted, and the close of a session (p_closed_at: the last one, or
null), wait for nothing; any other event waits for a minute; one from the future does not wait. What
comes at the very close waits: telling of the anchor would ask for the next one.$$;
