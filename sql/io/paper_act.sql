create or replace function io.paper_act(
    p_account_id text,
    p_actions    jsonb,
    p_now_at     timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.announce_actions(p_account_id, p_actions, p_now_at);
$function$;

comment on function io.paper_act(text, jsonb, timestamptz) is
$$Service door to sim.announce_actions.$$;
