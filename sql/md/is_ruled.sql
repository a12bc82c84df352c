create or replace function md.is_ruled(
    p_symbol     text,
    p_timeframe  text,
    p_bar_end_at timestamptz,
    p_defect     text,
    p_since_at   timestamptz,
    p_now_at     timestamptz
)
returns boolean
language sql
stable
begin atomic
    select exists (
        select from md.rulings as r
         where r.symbol = p_symbol and r.timeframe = p_timeframe and r.bar_end_at = p_bar_end_at
           and r.defect = p_defect and r.ruled_at between p_since_at and p_now_at);
end;

comment on function md.is_ruled(text, text, timestamptz, text, timestamptz, timestamptz) is
$$Whether a person had said by p_now_at that the stored bar stands, and had known what came at
p_since_at.$$;
