create or replace function risk.set_day_trader_flag(
    p_account_id text,
    p_is_flagged boolean,
    p_day_trades bigint,
    p_reason     text,
    p_now_at     timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if risk.get_day_trader_flag(p_account_id) = p_is_flagged then
        return false;
    end if;
    insert into risk.day_trader_flags (
        account_id, flag_seq, is_flagged, day_trades, reason, actor, flagged_at)
    select p_account_id, coalesce(max(f.flag_seq), 0) + 1, p_is_flagged, p_day_trades, p_reason,
           session_user, p_now_at
      from risk.day_trader_flags as f
     where f.account_id = p_account_id;
    perform audit.append_desk_event(
        'RISK', case when p_is_flagged then 'DAY_TRADER_FLAGGED' else 'DAY_TRADER_CLEARED' end,
        jsonb_build_object('account_id', p_account_id, 'day_trades', p_day_trades,
                           'reason', p_reason), p_now_at);
    return true;
end;
$function$;

comment on function risk.set_day_trader_flag(text, boolean, bigint, text, timestamptz) is
$$Flags an account as a pattern day trader's, or clears it; false when it stands so already.$$;
