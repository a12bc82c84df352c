create or replace function run.create_run(
    p_engine_id           text,
    p_mode                text,
    p_clock_kind          text,
    p_config_hash         text,
    p_account_id          text,
    p_as_of_at            timestamptz,
    p_initial_cash_micros bigint,
    p_deadman_ttl_ms      integer,
    p_gate_ttl_ms         bigint,
    p_needs_deadman_file  boolean,
    p_symbols             text[],
    p_now_at              timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq    bigint;
    v_run_id uuid;
begin
    insert into run.engines (engine_id, mode, last_run_seq, created_at)
    values (p_engine_id, p_mode, 0, p_now_at)
    on conflict (engine_id) do nothing;
    update run.engines as e set last_run_seq = e.last_run_seq + 1
     where e.engine_id = p_engine_id
    returning e.last_run_seq into v_seq;
    if p_mode = 'LIVE' then
        perform run.bind_account(p_engine_id, p_account_id, p_now_at);
    end if;

    v_run_id := run.derive_run_id(p_engine_id, p_mode, p_config_hash, p_as_of_at, v_seq);
    insert into run.runs (
        run_id, engine_id, run_seq, mode, clock_kind, config_hash, account_id, as_of_at,
        initial_cash_micros, deadman_ttl_ms, gate_ttl_ms, needs_deadman_file, run_status,
        status_seq, armed_epoch, created_by, created_at)
    values (v_run_id, p_engine_id, v_seq, p_mode, p_clock_kind, p_config_hash, p_account_id,
            p_as_of_at, p_initial_cash_micros, p_deadman_ttl_ms, p_gate_ttl_ms,
            p_needs_deadman_file, 'CREATED', 1, 0, audit.get_actor(), p_now_at);
    insert into run.run_history (
        run_id, history_seq, from_status, to_status, reason, actor, moved_at)
    values (v_run_id, 1, 'NEW', 'CREATED', 'created', audit.get_actor(), p_now_at);
    insert into run.universe (run_id, symbol)
    select v_run_id, s.symbol from unnest(p_symbols) as s (symbol) order by s.symbol collate "C";

    perform audit.open_run_chain(v_run_id, p_engine_id, p_now_at);
    perform audit.append_event(
        v_run_id, 'RUNTIME', 'RUN_CREATED',
        jsonb_build_object(
            'engine_id', p_engine_id, 'run_seq', v_seq, 'mode', p_mode,
            'config_hash', p_config_hash, 'account_id', p_account_id, 'symbols', p_symbols,
            'clock_kind', p_clock_kind, 'as_of_at', core.format_iso(p_as_of_at),
            'initial_cash_micros', p_initial_cash_micros, 'deadman_ttl_ms', p_deadman_ttl_ms,
            'gate_ttl_ms', p_gate_ttl_ms, 'needs_deadman_file', p_needs_deadman_file),
        p_now_at);
    return v_run_id;
end;
$function$;

comment on function run.create_run(
    text, text, text, text, text, timestamptz, bigint, integer, bigint, boolean, text[], timestamptz) is
$$Creates a run in status CREATED with its universe and its diary; gives its id.
Why: the id is derived from engine, mode, config, as-of and the engine's own sequence, so a replay
of the same acts gives the same ids.
Raises: 23514 a value breaks a named rule; 23503 an unknown symbol or config.$$;
