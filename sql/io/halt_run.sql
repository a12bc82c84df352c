create or replace function io.halt_run(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_new from run.force_halt(
           p_run_id, 'WORKER', 'worker: ' || p_reason, p_now_at) as f;
$function$;

comment on function io.halt_run(uuid, text, timestamptz) is
$$Any worker may halt its run.$$;
