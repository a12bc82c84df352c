create or replace function md.describe_defects(
    p_run_id uuid,
    p_now_at timestamptz,
    out reason   text,
    out evidence jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with d as (
        select d.*, row_number() over same as nth, count(*) over (partition by d.defect) as alike
          from md.list_defects(p_run_id, p_now_at) as d
         where d.is_brake
        window same as (partition by d.defect order by d.symbol collate "C", d.bar, d.detail)
    )
    select string_agg(format('%s %s', d.defect, d.alike), ', ' order by d.defect)
               filter (where d.nth = 1)
           || ': ' || string_agg(d.detail, '; ' order by d.nth, d.defect),
           jsonb_build_object(
               'counts', jsonb_object_agg(d.defect, d.alike) filter (where d.nth = 1),
               'defects', jsonb_agg(jsonb_build_object(
                   'defect', d.defect, 'symbol', d.symbol, 'bar', d.bar, 'detail', d.detail,
                   'evidence', d.evidence) order by d.nth, d.defect) filter (where d.nth <= 50))
      from d;
$function$;

comment on function md.describe_defects(uuid, timestamptz) is
$$All that shuts gate INTEGRITY of a run at p_now_at, at once: how many of each defect, then one of
each kind,
then the others. The reason is null when there is none. The evidence holds the first 50 of each kind.$$;
