create or replace function strat.register_strategy(
    p_strategy_id   text,
    p_strategy_kind text,
    p_version       text,
    p_now_at        timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into strat.strategies (strategy_id, strategy_kind, version, is_enabled, registered_at)
    values (p_strategy_id, p_strategy_kind, p_version, true, p_now_at)
    on conflict (strategy_id) do nothing;
    if found then
        perform audit.append_desk_event(
            'STRATEGY', 'STRATEGY_REGISTERED',
            jsonb_build_object('strategy_id', p_strategy_id, 'kind', p_strategy_kind,
                               'version', p_version), p_now_at);
    end if;
end;
$function$;

comment on function strat.register_strategy(text, text, text, timestamptz) is
$$Registers a strategy (PYTHON runs in the strategist, SQL is the function strat.decide_<id>).
Raises: 23514 a bad name or kind.$$;
