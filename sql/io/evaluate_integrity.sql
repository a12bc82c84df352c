create or replace function io.evaluate_integrity(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.evaluate_integrity(p_run_id, p_now_at);
$function$;

comment on function io.evaluate_integrity(uuid, timestamptz) is
$$Service door to md.evaluate_integrity.$$;
