create or replace function sim.observe_bars(
    p_account_id text,
    p_bars       jsonb,
    p_now_at     timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bar   jsonb;
    v_order sim.orders;
    v_count bigint := 0;
begin
    perform from sim.accounts as a where a.account_id = p_account_id for no key update;
    if not found then
        return 0;
    end if;
    for v_bar in
        select b.value from jsonb_array_elements(p_bars) as b
         where not exists (
            select from sim.quotes as q
             where q.account_id = p_account_id
               and q.symbol = b.value ->> 'symbol'
               and q.bar_end_at >= core.parse_time(b.value ->> 'bar_end_at'))
           and not exists (
            select from sim.actions as a
             where a.account_id = p_account_id and a.symbol = b.value ->> 'symbol'
               and a.action_kind = 'SPLIT' and a.applied_at is not null
               and a.effective_at >= core.parse_time(b.value ->> 'bar_end_at'))
         order by b.value ->> 'bar_end_at', b.value ->> 'symbol' collate "C"
    loop
        perform sim.apply_actions(
            p_account_id, core.parse_time(v_bar ->> 'bar_end_at'), p_now_at);
        for v_order in
            select o.* from sim.orders as o
             where o.account_id = p_account_id
               and o.symbol = v_bar ->> 'symbol'
               and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED')
               and o.submitted_at < core.parse_time(v_bar ->> 'bar_end_at')
             order by o.order_qty, o.client_order_id collate "C"
        loop
            perform sim.match_order(v_order, v_bar, p_now_at);
        end loop;
        insert into sim.quotes (account_id, symbol, close_micros, bar_end_at)
        values (p_account_id, v_bar ->> 'symbol', (v_bar ->> 'close_micros')::bigint,
                core.parse_time(v_bar ->> 'bar_end_at'))
        on conflict (account_id, symbol) do update
           set close_micros = excluded.close_micros, bar_end_at = excluded.bar_end_at;
        v_count := v_count + 1;
    end loop;
    perform sim.apply_actions(p_account_id, p_now_at + interval '1 us', p_now_at);
    return v_count;
end;
$function$;

comment on function sim.observe_bars(text, jsonb, timestamptz) is
$$The account's paper market trades one bar of each symbol: orders given before the bar's end are matched;
a bar that is not newer than the last is skipped. Gives how many bars were new; 0 without the account.
Corporate actions take effect before the first bar that ends after their morning; a bar of old shares that
comes after a split is skipped.
Why: each account sees the market at its own pace, so that a replay disturbs nobody.
p_bars: [{symbol, bar_end_at (ISO), open_micros, high_micros, low_micros, close_micros, volume,
ends_session (left out: true)}].$$;
