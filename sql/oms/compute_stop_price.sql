create or replace function oms.compute_stop_price(
    p_position_qty  bigint,
    p_mark_micros   bigint,
    p_stop_bps      integer,
    p_before_micros bigint
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_position_qty > 0 then greatest(
        (p_mark_micros - core.scale_up(p_mark_micros, p_stop_bps)) / 10000 * 10000,
        p_before_micros, 10000)
    else least(
        (p_mark_micros + core.scale_up(p_mark_micros, p_stop_bps) + 9999) / 10000 * 10000,
        p_before_micros) end;

comment on function oms.compute_stop_price(bigint, bigint, integer, bigint) is
$$Where the stop of a position rests, in micros, whole cents: p_stop_bps behind the mark, rounded away
from it, and never looser than p_before_micros (the stop before, or null).
Why: a stop only tightens.$$;
