create or replace function sim.announce_actions(
    p_account_id text,
    p_actions    jsonb,
    p_now_at     timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count bigint;
begin
    insert into sim.actions (
        account_id, action_id, symbol, action_kind, effective_at, ratio_num, ratio_den,
        amount_micros, pay_at, announced_at)
    select a.account_id, r.action_id, r.symbol, r.action_kind, core.parse_time(r.effective_at),
           r.ratio_num, r.ratio_den, r.amount_micros, core.parse_time(r.pay_at), p_now_at
      from jsonb_to_recordset(p_actions) as r (
           action_id uuid, symbol text, action_kind text, effective_at text, ratio_num bigint,
           ratio_den bigint, amount_micros bigint, pay_at text)
      join sim.accounts as a
        on a.account_id = p_account_id and a.opened_at < core.parse_time(r.effective_at)
     order by r.effective_at, r.action_id
    on conflict (account_id, action_id) do nothing;
    get diagnostics v_count = row_count;
    return v_count;
end;
$function$;

comment on function sim.announce_actions(text, jsonb, timestamptz) is
$$Tells a paper market of corporate actions; it applies them by itself when its market gets there
(sim.observe_bars). Gives how many are new. One of before the account was opened is not its business.
p_actions: [{action_id, symbol, action_kind, effective_at (ISO), ratio_num, ratio_den, amount_micros,
pay_at (ISO or null)}].$$;
