create or replace function io.list_paper_actions(
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.action_id, f.symbol, f.action_kind, f.effective_at, f.ratio_num, f.ratio_den,
           f.amount_micros, f.pay_at
      from md.list_effective_actions(p_run_id, p_now_at) as f;
$function$;

comment on function io.list_paper_actions(uuid, timestamptz) is
$$Service door to md.list_effective_actions: what a paper market is told.$$;
