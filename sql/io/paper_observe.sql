create or replace function io.paper_observe(
    p_account_id text,
    p_bars       jsonb,
    p_now_at     timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.observe_bars(p_account_id, p_bars, p_now_at);
$function$;

comment on function io.paper_observe(text, jsonb, timestamptz) is
$$Service door to sim.observe_bars.$$;
