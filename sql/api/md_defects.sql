create or replace function api.md_defects(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    defect   text,
    symbol   text,
    bar      text,
    is_brake boolean,
    detail   text,
    evidence text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.defect, f.symbol, f.bar, f.is_brake, f.detail, f.evidence
      from md.list_defects(p_run_id, p_now_at) as f;
$function$;

comment on function api.md_defects(uuid, timestamptz) is
$$What is wrong with the data of a run, and whether it shuts gate INTEGRITY.$$;
