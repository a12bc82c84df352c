create or replace function io.expire_deadmen(
    p_now_at timestamptz
)
returns table (
    run_id uuid,
    gate   text,
    reason text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.run_id, f.gate, f.reason
      from run.expire_deadmen(p_now_at) as f;
$function$;

comment on function io.expire_deadmen(timestamptz) is
$$Service door to run.expire_deadmen.$$;
