create or replace function audit.compare_anchors(
    p_engine_id text,
    p_anchors   jsonb,
    p_is_end    boolean
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
    with told as materialized (
        select a.anchor_no, a.chain_id, a.event_seq, a.event_hash, a.anchor_hash
          from jsonb_to_recordset(p_anchors) as a (
               anchor_no bigint, chain_id uuid, event_seq bigint, event_hash text, anchor_hash text)
    )
    select t.anchor_no, t.chain_id, t.event_seq, f.finding
      from told as t
      left join audit.anchors as a on a.engine_id = p_engine_id and a.anchor_no = t.anchor_no
      left join audit.events as e on e.chain_id = t.chain_id and e.event_seq = t.event_seq
      cross join lateral (
        values (case when e.event_hash is null then 'the anchored event is missing'
                     when e.event_hash <> t.event_hash then 'the anchored event is another one' end),
               (case when a.anchor_hash is null then 'the database has no such anchor'
                     when a.anchor_hash <> t.anchor_hash then 'the database has another anchor' end)
           ) as f (finding)
     where f.finding is not null
     union all
    select a.anchor_no, a.chain_id, a.event_seq, 'the file ends before this anchor'
      from audit.anchors as a
     where a.engine_id = p_engine_id
       and p_is_end
       and a.anchor_no > coalesce((select max(t.anchor_no) from told as t), 0)
     order by 1;
$function$;

comment on function audit.compare_anchors(text, jsonb, boolean) is
$$What the diary and the recorded anchors say against published ones (lines of an anchor file, in their
order; p_is_end: these are its last).
Why: what was published cannot be taken back, so that a cut tail and a chain rewritten whole show here.$$;
