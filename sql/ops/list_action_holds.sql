create or replace function ops.list_action_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 1, 'action ' || a.symbol, false, a.effective_at,
           format('a corporate action is due: %s', md.format_terms(a)),
           format('%s shares held', ledger.get_position_qty(p_run_id, a.symbol)),
           'md.corporate_actions ' || a.action_id, 'mqk worker marketdata'
      from ledger.list_due_actions(p_run_id, p_now_at) as a
     union all
    select 1, 'period ' || u.symbol, false, null, b.reason,
           format('%s shares held', ledger.get_position_qty(p_run_id, u.symbol)),
           'md.forbid_periods, md.corporate_actions', 'wait until it is over; what is held may be sold'
      from run.universe as u
     cross join lateral md.find_ban(p_run_id, u.symbol, p_now_at) as b (reason)
     where u.run_id = p_run_id and b.reason is not null;
$function$;

comment on function ops.list_action_holds(uuid, timestamptz) is
$$Corporate actions that have taken effect and that the books have not taken over: until then nothing of
the symbol is decided or sent. And the symbols in which no new risk is taken now.$$;
