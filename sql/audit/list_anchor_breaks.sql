create or replace function audit.list_anchor_breaks(
    p_engine_id text
)
returns table (
    anchor_no bigint,
    chain_id  uuid,
    event_seq bigint,
    finding   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with walked as (
        select a.*, lag(a.anchor_no) over w as no_before, lag(a.anchor_hash) over w as hash_before
          from audit.anchors as a
         where a.engine_id = p_engine_id
        window w as (order by a.anchor_no)
    )
    select w.anchor_no, w.chain_id, w.event_seq, f.finding
      from walked as w
      left join audit.events as e on e.chain_id = w.chain_id and e.event_seq = w.event_seq
      cross join lateral (
        values (case when w.anchor_no <> coalesce(w.no_before, 0) + 1
                     then 'an anchor is missing' end),
               (case when w.prev_hash <> coalesce(w.hash_before, '')
                     then 'the link to the anchor before is broken' end),
               (case when e.event_hash is null then 'the anchored event is missing'
                     when e.event_hash <> w.event_hash then 'the anchored event is another one' end)
           ) as f (finding)
     where f.finding is not null
     order by w.anchor_no;
$function$;

comment on function audit.list_anchor_breaks(text) is
$$Every break of an engine's anchors as the database holds them, and of the events that they hold.
Why: who rewrites a chain and its head must rewrite these too, and cannot rewrite the file outside.$$;
