create or replace function run.clamp_now(
    p_run_id uuid,
    p_now_at timestamptz
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    return greatest(
        p_now_at, (select c.last_at from audit.chains as c where c.chain_id = p_run_id));
end;
$function$;

comment on function run.clamp_now(uuid, timestamptz) is
$$p_now_at, but never before the last event of the run.
Why: a caller with a slow clock must not make an expired gate look fresh.$$;
