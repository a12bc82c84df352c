create or replace function io.register_worker(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_build        text,
    p_secret_names jsonb,
    p_now_at       timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.register_worker(
           p_run_id, p_worker_kind, p_worker_name, p_build,
           array(select jsonb_array_elements_text(p_secret_names)), p_now_at);
$function$;

comment on function io.register_worker(uuid, text, text, text, jsonb, timestamptz) is
$$Service door to run.register_worker; p_secret_names is a json array of names.$$;
