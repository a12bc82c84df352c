create or replace function ops.explain_order(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.at, l.step, l.detail, l.evidence
      from (select f.* from ops.list_order_causes(p_run_id, p_order_id) as f
             union all
            select f.* from ops.list_order_steps(p_run_id, p_order_id) as f
             union all
            select f.* from ops.list_order_books(p_run_id, p_order_id) as f
             union all
            select f.* from ops.list_order_diary(p_run_id, p_order_id) as f) as l
     order by l.place = 11, l.at, l.place, l.seq, l.step;
$function$;

comment on function ops.explain_order(uuid, uuid) is
$$The life of one order, step by step: bar, decision, target, intent, verdict, requests, attempts, broker,
messages, fills, lots; then the entries of the diary that name it.$$;
