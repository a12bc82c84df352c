create or replace function api.md_report(
    p_ingest_id   uuid,
    p_outlier_bps integer
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.build_ingest_report(p_ingest_id, p_outlier_bps);
$function$;

comment on function api.md_report(uuid, integer) is
$$The report of an ingest.$$;
