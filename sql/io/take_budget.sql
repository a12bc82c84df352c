create or replace function io.take_budget(
    p_run_id  uuid,
    p_purpose text,
    p_now_at  timestamptz
)
returns table (
    is_granted boolean,
    retry_at   timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select b.is_granted, b.retry_at
      from oms.take_budget(p_run_id, p_purpose, p_now_at) as b;
$function$;

comment on function io.take_budget(uuid, text, timestamptz) is
$$Service door to oms.take_budget.$$;
