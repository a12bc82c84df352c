create or replace function api.md_findings(
    p_ingest_id uuid
)
returns table (
    line_no bigint,
    symbol  text,
    finding text,
    detail  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.line_no, f.symbol, f.finding, f.detail
      from md.findings as f
     where f.ingest_id = p_ingest_id
     order by f.line_no;
$function$;

comment on function api.md_findings(uuid) is
$$The rows of a batch that were not stored.$$;
