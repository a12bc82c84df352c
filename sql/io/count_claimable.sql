create or replace function io.count_claimable(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.count_claimable(p_run_id, p_now_at);
$function$;

comment on function io.count_claimable(uuid, timestamptz) is
$$Service door to oms.count_claimable.$$;
