create or replace function audit.verify_chain(
    p_chain_id uuid
)
returns table (
    event_seq bigint,
    finding   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with walked as (
        select e.event_seq, e.prev_hash, e.event_hash,
               lag(e.event_seq) over w as seq_before,
               lag(e.event_hash) over w as hash_before,
               core.hash_text(
                   'mqk.audit.v1' || e'\n' || e.chain_id || e'\n' || e.event_seq || e'\n'
                   || e.prev_hash || e'\n'
                   || (extract(epoch from e.occurred_at at time zone 'UTC') * 1000000)::bigint
                   || e'\n' || e.actor || e'\n' || e.topic || e'\n' || e.event_name || e'\n'
                   || e.payload::text) as true_hash
          from audit.events as e
         where e.chain_id = p_chain_id
        window w as (order by e.event_seq)
    )
    select w.event_seq, f.finding
      from walked as w
      cross join audit.chains as c
      cross join lateral (
        values (case when w.event_hash <> w.true_hash then 'the hash does not recompute' end),
               (case when w.event_seq <> coalesce(w.seq_before, 0) + 1 then 'an event is missing' end),
               (case when w.prev_hash <> coalesce(w.hash_before, c.root_hash)
                     then 'the link to the event before is broken' end)) as f (finding)
     where c.chain_id = p_chain_id
       and f.finding is not null
     union all
    select c.last_seq, 'the head is not the last event'
      from audit.chains as c
      left join walked as w on w.event_seq = c.last_seq
     where c.chain_id = p_chain_id
       and (c.last_seq <> (select count(*) from walked)
            or c.last_hash is distinct from coalesce(w.event_hash, c.root_hash))
     order by 1;
$function$;

comment on function audit.verify_chain(uuid) is
$$Every break of a chain, by the event at which it shows; no row = the chain holds.
Why: rows are recomputed and links compared; a cut tail shows only against the head or an anchor.$$;
