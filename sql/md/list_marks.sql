create or replace function md.list_marks(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol      text,
    mark_micros bigint,
    bar_end_at  timestamptz
)
language sql
stable
begin atomic
    select u.symbol, md.restate_price(u.symbol, b.close_micros, b.bar_end_at, p_now_at), b.bar_end_at
      from md.policies as p
      join run.universe as u using (run_id)
      left join lateral md.list_marks_as_of(u.symbol, p.timeframe, 1, p_now_at) as b on true
     where p.run_id = p_run_id;
end;

comment on function md.list_marks(uuid, timestamptz) is
$$The last close of each symbol of a run's universe at p_now_at that is not in dispute, null where there is
none; one of before a split as a price of the shares of p_now_at.$$;
