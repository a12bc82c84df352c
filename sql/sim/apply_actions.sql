create or replace function sim.apply_actions(
    p_account_id text,
    p_before_at  timestamptz,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_action sim.actions;
    v_due    sim.actions;
begin
    for v_action in
        select a.* from sim.actions as a
         where a.account_id = p_account_id and a.applied_at is null and a.effective_at < p_before_at
         order by a.effective_at, a.action_kind, a.action_id
    loop
        update sim.actions as a
           set applied_at = p_now_at,
               held_qty = coalesce((select p.position_qty from sim.positions as p
                                     where p.account_id = a.account_id and p.symbol = a.symbol), 0)
         where a.account_id = p_account_id and a.action_id = v_action.action_id
        returning a.* into v_action;
        perform sim.split_position(v_action, p_now_at) where v_action.action_kind = 'SPLIT';
    end loop;
    for v_due in
        update sim.actions as a
           set paid_at = p_now_at
         where a.account_id = p_account_id and a.action_kind = 'CASH_DIVIDEND'
           and a.applied_at is not null and a.paid_at is null and a.pay_at < p_before_at
        returning a.*
    loop
        update sim.accounts as c set cash_micros = c.cash_micros + v_due.held_qty * v_due.amount_micros
         where c.account_id = p_account_id;
    end loop;
end;
$function$;

comment on function sim.apply_actions(text, timestamptz, timestamptz) is
$$The paper broker's own side of corporate actions that take effect before p_before_at: splits what it
holds, pays dividends by what it held on their ex morning.
Why: computed from its own books, so that agreement with ours proves something.$$;
