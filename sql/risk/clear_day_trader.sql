create or replace function risk.clear_day_trader(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs := run.lock_run(p_run_id, true, p_now_at);
begin
    return risk.set_day_trader_flag(
        v_run.account_id, false, risk.count_day_trades(v_run.account_id, p_now_at), p_reason,
        p_now_at);
end;
$function$;

comment on function risk.clear_day_trader(uuid, text, timestamptz) is
$$A person clears the day trader's flag of a run's account; false when it was not set.
Why: the flag outlives the five sessions; only a person takes it away.
Raises: MQN02.$$;
