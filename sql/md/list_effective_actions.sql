create or replace function md.list_effective_actions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    action_id     text,
    symbol        text,
    action_kind   text,
    effective_at  text,
    ratio_num     bigint,
    ratio_den     bigint,
    amount_micros bigint,
    pay_at        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.action_id::text, a.symbol, a.action_kind, core.format_iso(a.effective_at), a.ratio_num,
           a.ratio_den, a.amount_micros, core.format_iso(a.pay_at)
      from run.universe as u
     cross join lateral md.list_actions_as_of(u.symbol, p_now_at) as a
     where u.run_id = p_run_id and a.effective_at <= p_now_at
     order by a.effective_at, a.action_id;
$function$;

comment on function md.list_effective_actions(uuid, timestamptz) is
$$The corporate actions of a run's symbols that have taken effect by p_now_at: what a paper market is told,
as a real one would know it by itself.$$;
